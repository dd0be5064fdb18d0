import { HttpClient, HttpParams } from '@angular/common/http';
import { Injectable, inject } from '@angular/core';
import { environment } from '@env';
import { Observable, timeout } from 'rxjs';

type Query = Record<string, string | number | boolean | undefined>;

const REQUEST_TIMEOUT_MS = 15_000;

/** The only place that knows where the API lives. */
@Injectable({ providedIn: 'root' })
export class ApiService {
  private readonly http = inject(HttpClient);
  private readonly base = `${environment.apiUrl}/api/v1`;

  get<T>(path: string, query: Query = {}): Observable<T> {
    const params = Object.entries(query)
      .filter(([, value]) => value !== undefined && value !== '')
      .reduce((all, [key, value]) => all.set(key, String(value)), new HttpParams());
    return this.http.get<T>(this.base + path, { params }).pipe(timeout(REQUEST_TIMEOUT_MS));
  }

  post<T>(path: string, body: unknown): Observable<T> {
    return this.http.post<T>(this.base + path, body).pipe(timeout(REQUEST_TIMEOUT_MS));
  }

  patch<T>(path: string, body: unknown): Observable<T> {
    return this.http.patch<T>(this.base + path, body).pipe(timeout(REQUEST_TIMEOUT_MS));
  }

  delete<T>(path: string): Observable<T> {
    return this.http.delete<T>(this.base + path).pipe(timeout(REQUEST_TIMEOUT_MS));
  }
}
