import { Component, OnInit, inject } from '@angular/core';
import { Store } from '@ngrx/store';

import { DashboardActions } from '../../store/dashboard.actions';
import { selectCards, selectLoading } from '../../store/dashboard.selectors';

@Component({
  selector: 'tp-dashboard-page',
  template: `
    <h1>{{ 'dashboard.title' | translate }}</h1>
    @if (loading()) {
      <tp-loading-spinner />
    }
    <section class="tp-cards">
      @for (card of cards(); track card.label) {
        <tp-summary-card [label]="card.label" [value]="card.value" />
      }
    </section>
  `,
})
export class DashboardPageComponent implements OnInit {
  private readonly store = inject(Store);

  readonly cards = this.store.selectSignal(selectCards);
  readonly loading = this.store.selectSignal(selectLoading);

  ngOnInit(): void {
    this.store.dispatch(DashboardActions.opened());
  }
}
