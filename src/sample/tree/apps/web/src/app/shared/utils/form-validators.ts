import { AbstractControl, ValidationErrors, ValidatorFn } from '@angular/forms';
import { MIN_PASSWORD_LENGTH, isStrongPassword } from '@tech-platform/shared-utils';

export const strongPassword: ValidatorFn = (control) =>
  isStrongPassword(String(control.value ?? ''))
    ? null
    : { weakPassword: { minLength: MIN_PASSWORD_LENGTH } };

/** Form-level validator: both controls have to hold the same value. */
export function sameValue(first: string, second: string): ValidatorFn {
  return (form: AbstractControl): ValidationErrors | null =>
    form.get(first)?.value === form.get(second)?.value ? null : { notSame: true };
}
