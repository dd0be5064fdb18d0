/** Messages on /api/v1/ws. */

export type ClientMessage = { type: 'auth'; token: string } | { type: 'ping' };

export interface ServerMessage {
  /** `ready`, `pong`, or the name of an event such as `dashboard.updated`. */
  type: string;
  payload?: unknown;
  /** Only on `ready`. */
  heartbeatSeconds?: number;
}

/** Close codes with a meaning of their own. */
export enum CloseCode {
  ServiceRestart = 1012,
  Overloaded = 1013,
  Unauthorized = 4401,
}
