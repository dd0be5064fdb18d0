export type { ClientMessage, ServerMessage } from '@tech-platform/shared-types';

export type ConnectionState = 'closed' | 'connecting' | 'open';
