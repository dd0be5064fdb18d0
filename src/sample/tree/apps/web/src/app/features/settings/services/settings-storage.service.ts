import { Injectable } from '@angular/core';

import { SettingsState } from '../store/settings.reducer';

const KEY = 'tp.settings';

/** Keeps choices in the browser. Private windows may refuse storage; that is not an error. */
@Injectable({ providedIn: 'root' })
export class SettingsStorageService {
  load(): Partial<SettingsState> {
    try {
      return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<SettingsState>;
    } catch {
      return {};
    }
  }

  save(settings: SettingsState): void {
    try {
      localStorage.setItem(KEY, JSON.stringify(settings));
    } catch {
      console.warn('Settings could not be stored');
    }
  }
}
