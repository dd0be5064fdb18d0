import { ChangeDetectionStrategy, Component, Input } from '@angular/core';

@Component({
  selector: 'tp-loading-spinner',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="tp-spinner" role="status" [attr.aria-label]="label | translate"></div>
  `,
})
export class LoadingSpinnerComponent {
  @Input() label = 'common.loading';
}
