import { NgModule } from '@angular/core';
import { RouterModule } from '@angular/router';

import { SettingsFormComponent } from './components/settings-form/settings-form.component';

@NgModule({
  imports: [RouterModule.forChild([{ path: '', component: SettingsFormComponent }])],
  exports: [RouterModule],
})
export class SettingsRoutingModule {}
