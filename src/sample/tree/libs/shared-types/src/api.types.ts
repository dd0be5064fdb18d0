/** Shapes that every client of the HTTP API meets. */

export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  tokenType: string;
  /** Seconds until the access token expires. */
  expiresIn: number;
}

export interface Page<Item> {
  items: Item[];
  total: number;
  page: number;
  pageSize: number;
}

export interface ApiError {
  error: { code: string; message: string; requestId: string | null };
}

export interface DashboardSummary {
  totalUsers: number;
  activeUsers: number;
  eventsToday: number;
  generatedAt: string;
}
