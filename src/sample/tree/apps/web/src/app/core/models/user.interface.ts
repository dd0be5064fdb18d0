export type { Credentials, RoleName, User, UserChanges, UserDraft } from '@tech-platform/shared-types';
