import { Page } from '@core/models/api.interface';
import { User } from '@core/models/user.interface';
import { createActionGroup, props } from '@ngrx/store';

export interface UserQuery {
  search: string;
  page: number;
}

export const UsersActions = createActionGroup({
  source: 'Users',
  events: {
    Requested: props<{ query: UserQuery }>(),
    Received: props<{ result: Page<User> }>(),
    Failed: props<{ message: string }>(),
  },
});
