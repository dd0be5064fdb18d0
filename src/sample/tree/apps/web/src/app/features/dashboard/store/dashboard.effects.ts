import { Injectable, inject } from '@angular/core';
import { Actions, createEffect, ofType } from '@ngrx/effects';
import { catchError, map, of, switchMap } from 'rxjs';

import { DashboardService } from '../services/dashboard.service';
import { DashboardActions } from './dashboard.actions';

@Injectable()
export class DashboardEffects {
  private readonly actions$ = inject(Actions);
  private readonly dashboard = inject(DashboardService);

  readonly load$ = createEffect(() =>
    this.actions$.pipe(
      ofType(DashboardActions.opened),
      switchMap(() =>
        this.dashboard.summary().pipe(
          map((summary) => DashboardActions.loaded({ summary })),
          // Inside the inner stream: outside, the first error would end the effect for good.
          catchError((error: Error) => of(DashboardActions.failed({ message: error.message }))),
        ),
      ),
    ),
  );

  readonly pushed$ = createEffect(() =>
    this.dashboard.updates$.pipe(map((summary) => DashboardActions.loaded({ summary }))),
  );
}
