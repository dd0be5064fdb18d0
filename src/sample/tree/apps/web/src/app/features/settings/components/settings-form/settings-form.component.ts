import { Component, inject } from '@angular/core';
import { Store } from '@ngrx/store';

import { SettingsActions } from '../../store/settings.actions';
import { Language, Theme } from '../../store/settings.reducer';
import { selectLanguage, selectTheme } from '../../store/settings.selectors';

@Component({
  selector: 'tp-settings-form',
  template: `
    <h1>{{ 'settings.title' | translate }}</h1>
    <fieldset>
      <legend>{{ 'settings.language' | translate }}</legend>
      @for (code of languages; track code) {
        <button type="button" [attr.aria-pressed]="code === language()" (click)="speak(code)">
          {{ 'settings.languages.' + code | translate }}
        </button>
      }
    </fieldset>
    <fieldset>
      <legend>{{ 'settings.theme' | translate }}</legend>
      @for (name of themes; track name) {
        <button type="button" [attr.aria-pressed]="name === theme()" (click)="paint(name)">
          {{ 'settings.themes.' + name | translate }}
        </button>
      }
    </fieldset>
  `,
})
export class SettingsFormComponent {
  private readonly store = inject(Store);

  readonly languages: Language[] = ['en', 'es'];
  readonly themes: Theme[] = ['light', 'dark'];
  readonly language = this.store.selectSignal(selectLanguage);
  readonly theme = this.store.selectSignal(selectTheme);

  speak(language: Language): void {
    this.store.dispatch(SettingsActions.languageChosen({ language }));
  }

  paint(theme: Theme): void {
    this.store.dispatch(SettingsActions.themeChosen({ theme }));
  }
}
