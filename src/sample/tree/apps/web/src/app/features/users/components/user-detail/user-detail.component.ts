import { Component, inject } from '@angular/core';
import { ActivatedRoute, Router } from '@angular/router';
import { filter, map, switchMap } from 'rxjs';

import { UserFacadeService } from '../../services/user-facade.service';

@Component({
  selector: 'tp-user-detail',
  template: `
    @if (user$ | async; as user) {
      <h1>{{ user.fullName }}</h1>
      <p>{{ user.email }} · {{ user.roles.join(', ') }}</p>
      @if (user.isActive) {
        <button type="button" (click)="dialog.open()">{{ 'users.deactivate' | translate }}</button>
      }
      <tp-confirmation-dialog
        #dialog
        question="users.deactivateQuestion"
        (answered)="deactivate(user.id, $event)"
      />
    }
  `,
})
export class UserDetailComponent {
  private readonly facade = inject(UserFacadeService);
  private readonly router = inject(Router);

  readonly user$ = inject(ActivatedRoute).paramMap.pipe(
    map((params) => params.get('id')),
    filter((id) => id !== null),
    switchMap((id) => this.facade.byId(id as string)),
  );

  deactivate(id: string, confirmed: boolean): void {
    if (confirmed) {
      this.facade.deactivate(id).subscribe(() => void this.router.navigate(['/users']));
    }
  }
}
