import { Injectable, NgZone, inject } from '@angular/core';
import { environment } from '@env';

const REPORT_INTERVAL_MS = 60_000;

/** Measures page load and counts errors, and reports both to the API once a minute. */
@Injectable({ providedIn: 'root' })
export class PerformanceService {
  private readonly zone = inject(NgZone);
  private readonly url = `${environment.apiUrl}/api/v1/metrics/frontend`;
  private errors = 0;

  start(): void {
    // Outside the zone: a timer inside would trigger change detection each minute.
    this.zone.runOutsideAngular(() => {
      setInterval(() => this.report(), REPORT_INTERVAL_MS);
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'hidden') {
          this.report();
        }
      });
    });
  }

  countError(): void {
    this.errors += 1;
  }

  private report(): void {
    const body = JSON.stringify({
      loadTimeMs: this.loadTimeMs(),
      errors: this.errors,
      path: location.pathname,
    });
    const data = new Blob([body], { type: 'application/json' });
    if (navigator.sendBeacon(this.url, data)) {
      this.errors = 0;
    }
  }

  private loadTimeMs(): number {
    const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return page && page.loadEventEnd > 0 ? Math.round(page.loadEventEnd - page.startTime) : 0;
  }
}
