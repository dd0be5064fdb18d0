import { HttpErrorResponse, HttpInterceptorFn } from '@angular/common/http';
import { retry, throwError, timer } from 'rxjs';

const RETRY_STATUS = new Set([0, 502, 503, 504]);
const MAX_RETRIES = 2;

/** Repeats reads that failed on the way. Writes are never repeated: they may have worked. */
export const errorInterceptor: HttpInterceptorFn = (request, next) => {
  if (request.method !== 'GET') {
    return next(request);
  }
  return next(request).pipe(
    retry({
      count: MAX_RETRIES,
      delay: (error: unknown, attempt) =>
        error instanceof HttpErrorResponse && RETRY_STATUS.has(error.status)
          ? timer(300 * 2 ** attempt + Math.random() * 200)
          : throwError(() => error),
    }),
  );
};
