import { NgModule } from '@angular/core';
import { EffectsModule } from '@ngrx/effects';
import { StoreModule } from '@ngrx/store';

import { SharedModule } from '../../shared/shared.module';
import { DashboardPageComponent } from './components/dashboard-page/dashboard-page.component';
import { SummaryCardComponent } from './components/summary-card/summary-card.component';
import { DashboardRoutingModule } from './dashboard-routing.module';
import { DashboardEffects } from './store/dashboard.effects';
import { dashboardFeature } from './store/dashboard.reducer';

@NgModule({
  declarations: [DashboardPageComponent, SummaryCardComponent],
  imports: [
    SharedModule,
    DashboardRoutingModule,
    StoreModule.forFeature(dashboardFeature),
    EffectsModule.forFeature([DashboardEffects]),
  ],
})
export class DashboardModule {}
