import { Injectable, inject } from '@angular/core';
import { Router } from '@angular/router';
import { BehaviorSubject, EMPTY, Observable, map, shareReplay, switchMap, tap } from 'rxjs';
import { catchError, distinctUntilChanged, finalize } from 'rxjs/operators';

import { TokenPair } from '../models/api.interface';
import { Credentials, User } from '../models/user.interface';
import { ApiService } from './api.service';
import { CacheService } from './cache.service';

const REFRESH_KEY = 'tp.refresh';

/** Holds the session. The access token stays in memory, only the refresh token is stored. */
@Injectable({ providedIn: 'root' })
export class AuthService {
  private readonly api = inject(ApiService);
  private readonly cache = inject(CacheService);
  private readonly router = inject(Router);

  private readonly user = new BehaviorSubject<User | null>(null);
  private refreshing: Observable<string> | null = null;
  private token: string | null = null;

  readonly user$ = this.user.asObservable();
  readonly signedIn$ = this.user$.pipe(map(Boolean), distinctUntilChanged());

  get accessToken(): string | null {
    return this.token;
  }

  login(credentials: Credentials): Observable<User> {
    return this.api.post<TokenPair>('/auth/login', credentials).pipe(
      tap((pair) => this.keep(pair)),
      switchMap(() => this.loadUser()),
    );
  }

  /** Used on page load: a stored refresh token brings the session back. */
  restore(): Observable<User> {
    return this.refresh().pipe(switchMap(() => this.loadUser()));
  }

  /** All callers that meet an expired token at the same time share one refresh. */
  refresh(): Observable<string> {
    const refreshToken = localStorage.getItem(REFRESH_KEY);
    if (!refreshToken) {
      return this.endSession();
    }
    this.refreshing ??= this.api.post<TokenPair>('/auth/refresh', { refreshToken }).pipe(
      tap((pair) => this.keep(pair)),
      map((pair) => pair.accessToken),
      catchError(() => this.endSession()),
      finalize(() => (this.refreshing = null)),
      shareReplay(1),
    );
    return this.refreshing;
  }

  requestPasswordReset(email: string): Observable<void> {
    return this.api.post<void>('/auth/password-reset', { email });
  }

  confirmPasswordReset(token: string, newPassword: string): Observable<void> {
    return this.api.post<void>('/auth/password-reset/confirm', { token, newPassword });
  }

  logout(): void {
    const refreshToken = localStorage.getItem(REFRESH_KEY);
    if (refreshToken) {
      this.api.post<void>('/auth/logout', { refreshToken }).subscribe({ error: () => undefined });
    }
    this.endSession();
  }

  private loadUser(): Observable<User> {
    return this.api.get<User>('/users/me').pipe(tap((user) => this.user.next(user)));
  }

  private keep(pair: TokenPair): void {
    this.token = pair.accessToken;
    localStorage.setItem(REFRESH_KEY, pair.refreshToken);
  }

  private endSession(): Observable<never> {
    this.token = null;
    localStorage.removeItem(REFRESH_KEY);
    this.cache.clear();
    this.user.next(null);
    void this.router.navigate(['/auth/login']);
    return EMPTY;
  }
}
