export type { ApiError, DashboardSummary, Page, TokenPair } from '@tech-platform/shared-types';
