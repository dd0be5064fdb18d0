import { inject } from '@angular/core';
import { CanActivateFn, Router } from '@angular/router';
import { catchError, defaultIfEmpty, map, of, switchMap, take } from 'rxjs';

import { AuthService } from '../services/auth.service';

/** Lets signed-in users pass, and tries to bring a stored session back before giving up. */
export const authGuard: CanActivateFn = (_route, state) => {
  const auth = inject(AuthService);
  const router = inject(Router);
  const toLogin = router.createUrlTree(['/auth/login'], { queryParams: { next: state.url } });

  return auth.signedIn$.pipe(
    take(1),
    switchMap((signedIn) =>
      signedIn
        ? of(true)
        : auth.restore().pipe(
            map(() => true),
            defaultIfEmpty(toLogin),
            catchError(() => of(toLogin)),
          ),
    ),
  );
};
