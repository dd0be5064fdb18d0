/** Has to equal MIN_PASSWORD_LENGTH in apps/api/app/utils/validation.py. */
export const MIN_PASSWORD_LENGTH = 12;

export const DEFAULT_PAGE_SIZE = 25;
export const MAX_PAGE_SIZE = 100;
