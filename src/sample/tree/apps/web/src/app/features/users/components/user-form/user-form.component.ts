import { HttpErrorResponse } from '@angular/common/http';
import { Component, inject, signal } from '@angular/core';
import { NonNullableFormBuilder, Validators } from '@angular/forms';
import { Router } from '@angular/router';
import { sameValue, strongPassword } from '@shared/utils/form-validators';

import { UserFacadeService } from '../../services/user-facade.service';

@Component({
  selector: 'tp-user-form',
  template: `
    <form [formGroup]="form" (ngSubmit)="save()">
      <label>{{ 'users.name' | translate }}<input formControlName="fullName" tpAutoFocus /></label>
      <label>{{ 'users.email' | translate }}<input formControlName="email" type="email" /></label>
      <label>{{ 'auth.password' | translate }}<input formControlName="password" type="password" /></label>
      <label>{{ 'auth.repeat' | translate }}<input formControlName="repeat" type="password" /></label>
      @if (problem(); as key) {
        <p role="alert">{{ key | translate }}</p>
      }
      <button type="submit" [disabled]="form.invalid">{{ 'common.save' | translate }}</button>
    </form>
  `,
})
export class UserFormComponent {
  private readonly facade = inject(UserFacadeService);
  private readonly router = inject(Router);

  readonly problem = signal<string | null>(null);
  readonly form = inject(NonNullableFormBuilder).group(
    {
      fullName: ['', Validators.required],
      email: ['', [Validators.required, Validators.email]],
      password: ['', strongPassword],
      repeat: [''],
    },
    { validators: sameValue('password', 'repeat') },
  );

  save(): void {
    const { fullName, email, password } = this.form.getRawValue();
    this.facade.create({ fullName, email, password, roles: ['member'] }).subscribe({
      next: (user) => void this.router.navigate(['/users', user.id]),
      error: (error: HttpErrorResponse) =>
        this.problem.set(error.status === 409 ? 'users.emailTaken' : 'errors.server'),
    });
  }
}
