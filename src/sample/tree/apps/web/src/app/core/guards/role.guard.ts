import { inject } from '@angular/core';
import { CanActivateFn, Router } from '@angular/router';
import { map, take } from 'rxjs';

import { AuthService } from '../services/auth.service';

/** Asks for the role in the route's data. Runs after `authGuard`, so the user is known. */
export const roleGuard: CanActivateFn = (route) => {
  const router = inject(Router);
  const wanted = route.data['role'] as string;

  return inject(AuthService).user$.pipe(
    take(1),
    map((user) => user?.roles.includes(wanted) || router.createUrlTree(['/dashboard'])),
  );
};
