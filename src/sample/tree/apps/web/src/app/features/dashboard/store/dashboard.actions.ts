import { DashboardSummary } from '@core/models/api.interface';
import { createActionGroup, emptyProps, props } from '@ngrx/store';

export const DashboardActions = createActionGroup({
  source: 'Dashboard',
  events: {
    Opened: emptyProps(),
    Loaded: props<{ summary: DashboardSummary }>(),
    Failed: props<{ message: string }>(),
  },
});
