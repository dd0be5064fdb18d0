import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { AuthService } from '@core/services/auth.service';
import { LoadingService } from '@core/services/loading.service';
import { WebsocketService } from '@core/services/websocket.service';

@Component({
  selector: 'tp-header',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <header class="tp-header" [class.busy]="busy$ | async">
      <img src="assets/images/logo.svg" alt="Tech Platform" />
      <span class="tp-dot" [attr.data-state]="state$ | async"></span>
      @if (user$ | async; as user) {
        <span>{{ user.fullName }}</span>
        <button type="button" (click)="auth.logout()">{{ 'auth.logout' | translate }}</button>
      }
    </header>
  `,
})
export class HeaderComponent {
  readonly auth = inject(AuthService);
  readonly user$ = this.auth.user$;
  readonly busy$ = inject(LoadingService).busy$;
  readonly state$ = inject(WebsocketService).state$;
}
