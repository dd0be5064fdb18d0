import { HttpErrorResponse, HttpInterceptorFn, HttpRequest } from '@angular/common/http';
import { inject } from '@angular/core';
import { catchError, switchMap, throwError } from 'rxjs';

import { AuthService } from '../services/auth.service';

const AUTH_PATH = '/api/v1/auth/';

function withToken<T>(request: HttpRequest<T>, token: string | null): HttpRequest<T> {
  return token ? request.clone({ setHeaders: { Authorization: `Bearer ${token}` } }) : request;
}

/** Adds the access token. A 401 leads to one refresh and one second try. */
export const authInterceptor: HttpInterceptorFn = (request, next) => {
  const isApi = request.url.includes('/api/v1/');
  if (!isApi) {
    return next(request);
  }
  const auth = inject(AuthService);
  return next(withToken(request, auth.accessToken)).pipe(
    catchError((error: unknown) => {
      const expired = error instanceof HttpErrorResponse && error.status === 401;
      // A 401 of the auth endpoints is an answer, not an expired session.
      if (!expired || request.url.includes(AUTH_PATH)) {
        return throwError(() => error);
      }
      return auth.refresh().pipe(switchMap((token) => next(withToken(request, token))));
    }),
  );
};
