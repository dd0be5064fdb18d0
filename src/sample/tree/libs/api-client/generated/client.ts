/* generated from openapi.json - do not edit */
import type { HealthReport, LoginRequest, Page_UserRead_, RefreshRequest, TokenPair, UserRead } from './models';

export class ApiRequestError extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(`request failed with status ${status}`);
  }
}

export class ApiClient {
  constructor(
    private readonly base: string,
    private readonly token?: () => string | undefined,
  ) {}

  login(requestBody: LoginRequest): Promise<TokenPair> {
    return this.request('POST', '/api/v1/auth/login', requestBody);
  }

  refresh(requestBody: RefreshRequest): Promise<TokenPair> {
    return this.request('POST', '/api/v1/auth/refresh', requestBody);
  }

  readMe(): Promise<UserRead> {
    return this.request('GET', '/api/v1/users/me');
  }

  listUsers(search = '', page = 1, pageSize = 25): Promise<Page_UserRead_> {
    const query = new URLSearchParams({ search, page: `${page}`, pageSize: `${pageSize}` });
    return this.request('GET', `/api/v1/users?${query}`);
  }

  ready(): Promise<HealthReport> {
    return this.request('GET', '/health/ready');
  }

  private async request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { 'Content-Type': 'application/json' };
    const token = this.token?.();
    if (token) {
      headers['Authorization'] = `Bearer ${token}`;
    }
    const response = await fetch(this.base + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer: unknown = response.status === 204 ? undefined : await response.json();
    if (!response.ok) {
      throw new ApiRequestError(response.status, answer);
    }
    return answer as T;
  }
}
