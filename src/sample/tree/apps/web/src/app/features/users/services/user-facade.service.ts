import { Injectable, inject } from '@angular/core';
import { Page } from '@core/models/api.interface';
import { User, UserDraft } from '@core/models/user.interface';
import { ApiService } from '@core/services/api.service';
import { CacheService } from '@core/services/cache.service';
import { Store } from '@ngrx/store';
import { Observable, tap } from 'rxjs';

import { UserQuery, UsersActions } from '../store/users.actions';
import { selectLoading, selectPage, selectTotal, selectUsers } from '../store/users.selectors';

const DETAIL_TTL_MS = 30_000;

/** What components of this feature talk to; they know neither the store nor the API. */
@Injectable({ providedIn: 'root' })
export class UserFacadeService {
  private readonly api = inject(ApiService);
  private readonly cache = inject(CacheService);
  private readonly store = inject(Store);

  readonly users = this.store.selectSignal(selectUsers);
  readonly total = this.store.selectSignal(selectTotal);
  readonly page = this.store.selectSignal(selectPage);
  readonly loading = this.store.selectSignal(selectLoading);

  load(query: UserQuery): void {
    this.store.dispatch(UsersActions.requested({ query }));
  }

  fetchPage(query: UserQuery): Observable<Page<User>> {
    return this.api.get<Page<User>>('/users', { ...query, pageSize: 25 });
  }

  byId(id: string): Observable<User> {
    return this.cache.remember(`users/${id}`, DETAIL_TTL_MS, () =>
      this.api.get<User>(`/users/${id}`),
    );
  }

  create(draft: UserDraft): Observable<User> {
    return this.api.post<User>('/users', draft);
  }

  deactivate(id: string): Observable<void> {
    return this.api
      .delete<void>(`/users/${id}`)
      .pipe(tap(() => this.cache.forget(`users/${id}`)));
  }
}
