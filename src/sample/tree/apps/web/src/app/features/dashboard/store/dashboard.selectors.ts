import { createSelector } from '@ngrx/store';

import { dashboardFeature } from './dashboard.reducer';

export const { selectLoading, selectError, selectSummary } = dashboardFeature;

export const selectCards = createSelector(selectSummary, (summary) =>
  summary === null
    ? []
    : [
        { label: 'dashboard.totalUsers', value: summary.totalUsers },
        { label: 'dashboard.activeUsers', value: summary.activeUsers },
        { label: 'dashboard.eventsToday', value: summary.eventsToday },
      ],
);
