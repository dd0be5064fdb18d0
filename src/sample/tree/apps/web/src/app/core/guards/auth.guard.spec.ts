import { TestBed } from '@angular/core/testing';
import { ActivatedRouteSnapshot, RouterStateSnapshot, UrlTree, provideRouter } from '@angular/router';
import { EMPTY, Observable, firstValueFrom, of } from 'rxjs';

import { AuthService } from '../services/auth.service';
import { authGuard } from './auth.guard';

describe('authGuard', () => {
  function run(auth: Partial<AuthService>): Promise<boolean | UrlTree> {
    TestBed.configureTestingModule({
      providers: [provideRouter([]), { provide: AuthService, useValue: auth }],
    });
    const route = {} as ActivatedRouteSnapshot;
    const state = { url: '/users' } as RouterStateSnapshot;
    return TestBed.runInInjectionContext(() =>
      firstValueFrom(authGuard(route, state) as Observable<boolean | UrlTree>),
    );
  }

  it('lets a signed-in user pass', async () => {
    expect(await run({ signedIn$: of(true) })).toBeTrue();
  });

  it('sends everybody else to the login page and remembers the way', async () => {
    const result = await run({ signedIn$: of(false), restore: () => EMPTY });
    expect(String(result)).toBe('/auth/login?next=%2Fusers');
  });
});
