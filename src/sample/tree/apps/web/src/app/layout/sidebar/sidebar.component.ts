import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { AuthService } from '@core/services/auth.service';
import { map } from 'rxjs';

const LINKS = [
  { path: '/dashboard', label: 'nav.dashboard', role: null },
  { path: '/users', label: 'nav.users', role: 'admin' },
  { path: '/settings', label: 'nav.settings', role: null },
];

@Component({
  selector: 'tp-sidebar',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <nav class="tp-sidebar">
      @for (link of links$ | async; track link.path) {
        <a [routerLink]="link.path" routerLinkActive="active">{{ link.label | translate }}</a>
      }
    </nav>
  `,
})
export class SidebarComponent {
  readonly links$ = inject(AuthService).user$.pipe(
    map((user) => LINKS.filter(({ role }) => role === null || user?.roles.includes(role))),
  );
}
