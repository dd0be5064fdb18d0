import { Component, inject, signal } from '@angular/core';
import { NonNullableFormBuilder, Validators } from '@angular/forms';
import { ActivatedRoute } from '@angular/router';
import { AuthService } from '@core/services/auth.service';
import { strongPassword } from '@shared/utils/form-validators';

/** Asks for the address first; with the token from the mail, asks for the new password. */
@Component({
  selector: 'tp-password-reset',
  template: `
    @if (message(); as key) {
      <p role="status">{{ key | translate }}</p>
    } @else if (token) {
      <input type="password" [formControl]="password" tpAutoFocus />
      <button type="button" [disabled]="password.invalid" (click)="confirm()">
        {{ 'auth.setPassword' | translate }}
      </button>
    } @else {
      <input type="email" [formControl]="email" tpAutoFocus />
      <button type="button" [disabled]="email.invalid" (click)="request()">
        {{ 'auth.sendLink' | translate }}
      </button>
    }
  `,
})
export class PasswordResetComponent {
  private readonly auth = inject(AuthService);
  private readonly forms = inject(NonNullableFormBuilder);

  readonly token = inject(ActivatedRoute).snapshot.queryParamMap.get('token');
  readonly message = signal<string | null>(null);
  readonly email = this.forms.control('', [Validators.required, Validators.email]);
  readonly password = this.forms.control('', [strongPassword]);

  request(): void {
    const done = () => this.message.set('auth.linkSent');
    this.auth.requestPasswordReset(this.email.value).subscribe({ next: done, error: done });
  }

  confirm(): void {
    this.auth.confirmPasswordReset(this.token ?? '', this.password.value).subscribe({
      next: () => this.message.set('auth.passwordChanged'),
      error: () => this.message.set('auth.linkExpired'),
    });
  }
}
