import { Injectable, inject } from '@angular/core';
import { environment } from '@env';
import { BehaviorSubject, Observable, Subject, filter, map } from 'rxjs';

import { ConnectionState, ServerMessage } from '../models/websocket.interface';
import { AuthService } from './auth.service';

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
const CLOSE_UNAUTHORIZED = 4401;

/** One socket per tab. Comes back by itself, ever more slowly, until `close` is called. */
@Injectable({ providedIn: 'root' })
export class WebsocketService {
  private readonly auth = inject(AuthService);
  private readonly messages = new Subject<ServerMessage>();
  private readonly state = new BehaviorSubject<ConnectionState>('closed');

  private socket: WebSocket | null = null;
  private attempts = 0;
  private retryTimer?: ReturnType<typeof setTimeout>;
  private pingTimer?: ReturnType<typeof setInterval>;

  readonly state$ = this.state.asObservable();

  on<T>(type: string): Observable<T> {
    return this.messages.pipe(
      filter((message) => message.type === type),
      map((message) => message.payload as T),
    );
  }

  open(): void {
    if (this.socket) {
      return;
    }
    this.state.next('connecting');
    const socket = new WebSocket(`${environment.wsUrl}/api/v1/ws`);
    this.socket = socket;
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: 'auth', token: this.auth.accessToken }));
    socket.onmessage = (event) => this.receive(JSON.parse(event.data) as ServerMessage);
    socket.onclose = (event) => this.closed(event.code);
  }

  close(): void {
    clearTimeout(this.retryTimer);
    clearInterval(this.pingTimer);
    const socket = this.socket;
    this.socket = null;
    this.attempts = 0;
    if (socket) {
      socket.onclose = null;
      socket.close(1000);
    }
    this.state.next('closed');
  }

  private receive(message: ServerMessage): void {
    if (message.type === 'ready') {
      this.attempts = 0;
      this.state.next('open');
      this.pingTimer = setInterval(
        () => this.socket?.send(JSON.stringify({ type: 'ping' })),
        (message.heartbeatSeconds ?? 25) * 1000,
      );
      return;
    }
    this.messages.next(message);
  }

  private closed(code: number): void {
    clearInterval(this.pingTimer);
    this.socket = null;
    this.state.next('closed');
    if (code === CLOSE_UNAUTHORIZED) {
      this.auth.refresh().subscribe(() => this.open());
      return;
    }
    this.retryTimer = setTimeout(() => this.open(), this.nextDelay());
  }

  /** Full jitter: after a deploy all clients are cut at once and must not return at once. */
  private nextDelay(): number {
    const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.attempts++);
    return FIRST_DELAY_MS / 2 + Math.random() * ceiling;
  }
}
