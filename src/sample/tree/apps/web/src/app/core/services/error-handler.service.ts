import { HttpErrorResponse } from '@angular/common/http';
import { ErrorHandler, Injectable, NgZone, inject } from '@angular/core';
import { Subject } from 'rxjs';

import { ApiError } from '../models/api.interface';
import { PerformanceService } from './performance.service';

export interface VisibleError {
  key: string;
  requestId?: string;
}

const CHUNK_FAILED = /Loading chunk|dynamically imported module/;

/** Last stop for every error that nobody else dealt with. */
@Injectable({ providedIn: 'root' })
export class ErrorHandlerService implements ErrorHandler {
  private readonly zone = inject(NgZone);
  private readonly performance = inject(PerformanceService);
  private readonly errors = new Subject<VisibleError>();

  readonly errors$ = this.errors.asObservable();

  handleError(error: unknown): void {
    const cause = this.unwrap(error);
    console.error('Unhandled error', cause);
    // The report about errors must not itself be counted, or it never ends.
    if (!this.isMetricsCall(cause)) {
      this.performance.countError();
    }
    this.zone.run(() => this.errors.next(this.describe(cause)));
  }

  describe(error: unknown): VisibleError {
    if (error instanceof HttpErrorResponse) {
      const requestId = (error.error as ApiError | null)?.error?.requestId ?? undefined;
      if (error.status === 0) {
        return { key: 'errors.offline' };
      }
      return { key: error.status >= 500 ? 'errors.server' : 'errors.request', requestId };
    }
    if (error instanceof Error && CHUNK_FAILED.test(error.message)) {
      return { key: 'errors.newVersion' };
    }
    return { key: 'errors.unexpected' };
  }

  private unwrap(error: unknown): unknown {
    return (error as { rejection?: unknown } | null)?.rejection ?? error;
  }

  private isMetricsCall(error: unknown): boolean {
    return error instanceof HttpErrorResponse && (error.url ?? '').includes('/metrics/');
  }
}
