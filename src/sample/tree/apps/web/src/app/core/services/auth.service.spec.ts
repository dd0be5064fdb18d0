import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { Subject, of, throwError } from 'rxjs';

import { TokenPair } from '../models/api.interface';
import { ApiService } from './api.service';
import { AuthService } from './auth.service';

describe('AuthService', () => {
  const api = jasmine.createSpyObj<ApiService>('ApiService', ['get', 'post']);
  const router = jasmine.createSpyObj<Router>('Router', ['navigate']);
  let auth: AuthService;

  beforeEach(() => {
    api.post.calls.reset();
    router.navigate.calls.reset();
    localStorage.setItem('tp.refresh', 'stored');
    TestBed.configureTestingModule({
      providers: [
        { provide: ApiService, useValue: api },
        { provide: Router, useValue: router },
      ],
    });
    auth = TestBed.inject(AuthService);
  });

  it('refreshes once for callers that come together', () => {
    const answer = new Subject<TokenPair>();
    api.post.and.returnValue(answer);
    auth.refresh().subscribe();
    auth.refresh().subscribe();
    expect(api.post).toHaveBeenCalledTimes(1);
  });

  it('goes back to the login page when the session is over', () => {
    api.post.and.returnValue(throwError(() => new Error('401')));
    auth.refresh().subscribe();
    expect(router.navigate).toHaveBeenCalledWith(['/auth/login']);
    expect(localStorage.getItem('tp.refresh')).toBeNull();
  });

  it('keeps the access token out of storage', () => {
    const pair = { accessToken: 'a', refreshToken: 'r', tokenType: 'bearer', expiresIn: 900 };
    api.post.and.returnValue(of(pair));
    auth.refresh().subscribe();
    expect(auth.accessToken).toBe('a');
    expect(Object.values({ ...localStorage })).not.toContain('a');
  });
});
