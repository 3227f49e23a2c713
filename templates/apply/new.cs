<?cs include:"macros.cs" ?><?cs set:Title = "证书申领" ?><?cs def:intro() ?>系统将查询该人员已有的证书、考核成绩、社会保险和继续教育学时。<?cs /def ?><?cs
def:more() ?><fieldset><legend>证书类别<?cs call:wrong("wish") ?></legend><?cs each:wish = Wishes ?><label class="pick"><input type="radio" name="wish" value="<?cs var:wish.Code ?>"<?cs if:first(wish) ?> id="f-wish"<?cs /if ?><?cs if:wish.Code == Field.wish ?> checked<?cs /if ?>><?cs var:wish.Label ?></label><?cs /each ?></fieldset>
<?cs /def ?><?cs include:"_box.cs" ?><?cs include:"layout.cs" ?>
