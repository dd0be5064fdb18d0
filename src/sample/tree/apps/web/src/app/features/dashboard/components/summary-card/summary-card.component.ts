import { ChangeDetectionStrategy, Component, Input } from '@angular/core';

@Component({
  selector: 'tp-summary-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <article class="tp-card">
      <h2>{{ label | translate }}</h2>
      <strong>{{ value | number }}</strong>
    </article>
  `,
})
export class SummaryCardComponent {
  @Input({ required: true }) label = '';
  @Input({ required: true }) value = 0;
}
