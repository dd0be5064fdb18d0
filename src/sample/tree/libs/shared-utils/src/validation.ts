import { MIN_PASSWORD_LENGTH } from './constants';

/** First line of defence only; the API has the last word. */
export function isStrongPassword(value: string): boolean {
  return value.length >= MIN_PASSWORD_LENGTH && new Set(value).size >= 5;
}

export function isEmail(value: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/.test(value) && value.length <= 320;
}
