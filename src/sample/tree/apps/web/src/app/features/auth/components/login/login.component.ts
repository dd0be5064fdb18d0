import { HttpErrorResponse } from '@angular/common/http';
import { Component, inject, signal } from '@angular/core';
import { NonNullableFormBuilder, Validators } from '@angular/forms';
import { ActivatedRoute, Router } from '@angular/router';
import { AuthService } from '@core/services/auth.service';

@Component({
  selector: 'tp-login',
  template: `
    <form [formGroup]="form" (ngSubmit)="submit()">
      <label>{{ 'auth.email' | translate }}<input formControlName="email" type="email" tpAutoFocus /></label>
      <label>{{ 'auth.password' | translate }}<input formControlName="password" type="password" /></label>
      @if (problem(); as key) {
        <p role="alert">{{ key | translate }}</p>
      }
      <button type="submit" [disabled]="form.invalid">{{ 'auth.login' | translate }}</button>
      <a routerLink="/auth/password-reset">{{ 'auth.forgot' | translate }}</a>
    </form>
  `,
})
export class LoginComponent {
  private readonly auth = inject(AuthService);
  private readonly route = inject(ActivatedRoute);
  private readonly router = inject(Router);

  readonly problem = signal<string | null>(null);
  readonly form = inject(NonNullableFormBuilder).group({
    email: ['', [Validators.required, Validators.email]],
    password: ['', Validators.required],
  });

  submit(): void {
    const next = this.route.snapshot.queryParamMap.get('next') ?? '/dashboard';
    this.auth.login(this.form.getRawValue()).subscribe({
      next: () => void this.router.navigateByUrl(next.startsWith('/') ? next : '/dashboard'),
      error: (error: HttpErrorResponse) =>
        this.problem.set(error.status === 401 ? 'auth.badLogin' : 'errors.server'),
    });
  }
}
