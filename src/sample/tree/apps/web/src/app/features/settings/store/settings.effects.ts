import { Injectable, inject } from '@angular/core';
import { Actions, OnInitEffects, createEffect, ofType } from '@ngrx/effects';
import { concatLatestFrom } from '@ngrx/operators';
import { Action, Store } from '@ngrx/store';
import { TranslateService } from '@ngx-translate/core';
import { tap } from 'rxjs';

import { SettingsStorageService } from '../services/settings-storage.service';
import { SettingsActions } from './settings.actions';
import { settingsFeature } from './settings.reducer';

@Injectable()
export class SettingsEffects implements OnInitEffects {
  private readonly actions$ = inject(Actions);
  private readonly storage = inject(SettingsStorageService);
  private readonly store = inject(Store);
  private readonly translate = inject(TranslateService);

  readonly apply$ = createEffect(
    () =>
      this.actions$.pipe(
        ofType(
          SettingsActions.restored,
          SettingsActions.languageChosen,
          SettingsActions.themeChosen,
        ),
        concatLatestFrom(() => this.store.select(settingsFeature.selectSettingsState)),
        tap(([, settings]) => {
          this.translate.use(settings.language);
          document.documentElement.classList.toggle('dark', settings.theme === 'dark');
          this.storage.save(settings);
        }),
      ),
    { dispatch: false },
  );

  ngrxOnInitEffects(): Action {
    return SettingsActions.restored({ settings: this.storage.load() });
  }
}
