import { User } from '@core/models/user.interface';
import { createFeature, createReducer, on } from '@ngrx/store';

import { UsersActions } from './users.actions';

export interface UsersState {
  items: User[];
  total: number;
  page: number;
  loading: boolean;
  error: string | null;
}

const initialState: UsersState = { items: [], total: 0, page: 1, loading: false, error: null };

export const usersFeature = createFeature({
  name: 'users',
  reducer: createReducer(
    initialState,
    on(UsersActions.requested, (state) => ({ ...state, loading: true, error: null })),
    on(UsersActions.received, (state, { result }) => ({
      ...state,
      items: result.items,
      total: result.total,
      page: result.page,
      loading: false,
    })),
    on(UsersActions.failed, (state, { message }) => ({ ...state, loading: false, error: message })),
  ),
});
