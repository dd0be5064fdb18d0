import { Injectable } from '@angular/core';
import { BehaviorSubject, distinctUntilChanged, map } from 'rxjs';

/** Counts running requests, for the bar at the top of the page. */
@Injectable({ providedIn: 'root' })
export class LoadingService {
  private readonly running = new BehaviorSubject(0);

  readonly busy$ = this.running.pipe(
    map((count) => count > 0),
    distinctUntilChanged(),
  );

  started(): void {
    this.running.next(this.running.value + 1);
  }

  finished(): void {
    this.running.next(Math.max(0, this.running.value - 1));
  }
}
