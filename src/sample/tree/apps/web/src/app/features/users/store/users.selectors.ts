import { usersFeature } from './users.reducer';

export const {
  selectItems: selectUsers,
  selectTotal,
  selectPage,
  selectLoading,
  selectError,
} = usersFeature;
