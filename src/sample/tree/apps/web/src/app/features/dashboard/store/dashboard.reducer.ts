import { DashboardSummary } from '@core/models/api.interface';
import { createFeature, createReducer, on } from '@ngrx/store';

import { DashboardActions } from './dashboard.actions';

export interface DashboardState {
  summary: DashboardSummary | null;
  loading: boolean;
  error: string | null;
}

const initialState: DashboardState = { summary: null, loading: false, error: null };

export const dashboardFeature = createFeature({
  name: 'dashboard',
  reducer: createReducer(
    initialState,
    on(DashboardActions.opened, (state) => ({ ...state, loading: true, error: null })),
    on(DashboardActions.loaded, (state, { summary }) => ({ ...state, summary, loading: false })),
    on(DashboardActions.failed, (state, { message }) => ({
      ...state,
      loading: false,
      error: message,
    })),
  ),
});
