import { HttpErrorResponse } from '@angular/common/http';
import { ErrorHandler, Injectable, NgZone, inject } from '@angular/core';
import { Subject } from 'rxjs';

import { ApiError } from '../models/api.interface';
import { PerformanceService } from './performance.service';

export interface VisibleError {
  key: string;
  requestId?: string;
}

const REPEAT_MS = 10_000;
const CHUNK_FAILED = /Loading chunk|dynamically imported module/;

/** Last stop for every error that nobody else dealt with. */
@Injectable({ providedIn: 'root' })
export class ErrorHandlerService implements ErrorHandler {
  private readonly zone = inject(NgZone);
  private readonly performance = inject(PerformanceService);
  private readonly errors = new Subject<VisibleError>();
  private lastText = '';
  private lastAt = 0;

  readonly errors$ = this.errors.asObservable();

  handleError(error: unknown): void {
    const cause = this.unwrap(error);
    console.error('Unhandled error', cause);
    this.performance.countError();
    if (!this.isRepeat(cause)) {
      this.zone.run(() => this.errors.next(this.describe(cause)));
    }
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

  /** Showing an error renders the page, and a broken template then fails again: an endless loop. */
  private isRepeat(error: unknown): boolean {
    const text = String(error);
    const repeat = text === this.lastText && Date.now() - this.lastAt < REPEAT_MS;
    this.lastText = text;
    this.lastAt = Date.now();
    return repeat;
  }
}
