<?cs include:"macros.cs" ?><?cs set:Title = "企业登记" ?><?cs def:content() ?><?cs call:error_summary() ?><h1>企业登记</h1>
<form action="/staff/enterprises/" class="search" role="search"><label for="f-name">企业名称（可以只填开头）或统一社会信用代码<?cs call:wrong("name") ?></label><input id="f-name" name="name" value="<?cs var:Field.name ?>" maxlength="128" size="32" autocomplete="off"><button class="button">查询</button></form>
<?cs if:?Rows.0.Id ?><table class="list data"><caption><?cs if:Field.name ?>查询结果<?cs else ?>全部企业，新登记的在前<?cs /if ?></caption>
<thead><tr><th scope="col">企业名称<th scope="col">统一社会信用代码<th scope="col">属地<th scope="col">省份
<tbody>
<?cs each:row = Rows ?><tr><th scope="row" class="wrap"><a href="/staff/enterprises/<?cs var:row.Id ?>"><?cs var:row.Name ?></a><td data-as="信用代码"><?cs var:row.Uscc ?><td class="keep" data-as="属地"><?cs var:row.Region ?><td data-as="省份"><?cs var:row.Province ?>
<?cs /each ?></table>
<?cs else ?><p class="empty">没有查询到这样的企业。请核对名称的开头，或者填写完整的统一社会信用代码。</p>
<?cs /if ?><?cs call:pages(First, Next) ?><p class="quiet"><a href="/help/staff-enterprises">操作手册：企业登记</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
