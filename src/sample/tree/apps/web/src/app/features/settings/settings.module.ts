import { NgModule } from '@angular/core';
import { EffectsModule } from '@ngrx/effects';
import { StoreModule } from '@ngrx/store';

import { SharedModule } from '../../shared/shared.module';
import { SettingsFormComponent } from './components/settings-form/settings-form.component';
import { SettingsRoutingModule } from './settings-routing.module';
import { SettingsEffects } from './store/settings.effects';
import { settingsFeature } from './store/settings.reducer';

@NgModule({
  declarations: [SettingsFormComponent],
  imports: [
    SharedModule,
    SettingsRoutingModule,
    StoreModule.forFeature(settingsFeature),
    EffectsModule.forFeature([SettingsEffects]),
  ],
})
export class SettingsModule {}
