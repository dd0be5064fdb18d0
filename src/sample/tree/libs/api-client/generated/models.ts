/* generated from openapi.json - do not edit */

export type LoginRequest = { email: string; password: string };

export type RefreshRequest = { refreshToken: string };

export type TokenPair = {
  accessToken: string;
  refreshToken: string;
  tokenType?: string;
  expiresIn: number;
};

export type UserRead = {
  id: string;
  email: string;
  fullName: string;
  isActive: boolean;
  roles: Array<string>;
  createdAt: string;
};

export type Page_UserRead_ = {
  items: Array<UserRead>;
  total: number;
  page: number;
  pageSize: number;
};

export type CheckResult = { name: string; ok: boolean; detail: string };

export type HealthReport = { status: string; release: string; checks: Array<CheckResult> };
