/** Mirrors `UserRead` and its neighbours in apps/api/app/models/schemas.py. */

export type RoleName = 'admin' | 'member';

export interface User {
  id: string;
  email: string;
  fullName: string;
  isActive: boolean;
  roles: string[];
  createdAt: string;
}

export interface UserDraft {
  email: string;
  fullName: string;
  password: string;
  roles: RoleName[];
}

export type UserChanges = Partial<Pick<User, 'fullName' | 'isActive' | 'roles'>>;

export interface Credentials {
  email: string;
  password: string;
}
