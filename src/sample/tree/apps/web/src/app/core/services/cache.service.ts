import { Injectable } from '@angular/core';
import { Observable, shareReplay, tap } from 'rxjs';

interface Entry {
  value$: Observable<unknown>;
  expiresAt: number;
}

/** Short-lived cache for GET requests. Emptied when the session ends. */
@Injectable({ providedIn: 'root' })
export class CacheService {
  private readonly entries = new Map<string, Entry>();

  remember<T>(key: string, ttlMs: number, load: () => Observable<T>): Observable<T> {
    const known = this.entries.get(key);
    if (known && known.expiresAt > Date.now()) {
      return known.value$ as Observable<T>;
    }
    const value$ = load().pipe(
      tap({ error: () => this.entries.delete(key) }),
      shareReplay({ bufferSize: 1, refCount: false }),
    );
    this.entries.set(key, { value$, expiresAt: Date.now() + ttlMs });
    return value$;
  }

  forget(prefix: string): void {
    for (const key of this.entries.keys()) {
      if (key.startsWith(prefix)) {
        this.entries.delete(key);
      }
    }
  }

  clear(): void {
    this.entries.clear();
  }
}
