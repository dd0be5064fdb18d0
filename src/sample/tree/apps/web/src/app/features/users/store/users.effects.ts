import { Injectable, inject } from '@angular/core';
import { Actions, createEffect, ofType } from '@ngrx/effects';
import { catchError, map, of, switchMap } from 'rxjs';

import { UserFacadeService } from '../services/user-facade.service';
import { UsersActions } from './users.actions';

@Injectable()
export class UsersEffects {
  private readonly actions$ = inject(Actions);
  private readonly facade = inject(UserFacadeService);

  /** `switchMap`: the answer to an older search must not replace a newer one. */
  readonly load$ = createEffect(() =>
    this.actions$.pipe(
      ofType(UsersActions.requested),
      switchMap(({ query }) =>
        this.facade.fetchPage(query).pipe(
          map((result) => UsersActions.received({ result })),
          catchError((error: Error) => of(UsersActions.failed({ message: error.message }))),
        ),
      ),
    ),
  );
}
